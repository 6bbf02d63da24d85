package nahook_test

import (
	"fmt"
	"time"

	"github.com/nahook/nahook-go"
)

func ExampleAuditLogs_List() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()
	if err := mgmt.Endpoints.Delete(ctx, "ws_abc", "ep_123"); err != nil {
		fmt.Println(err)
		return
	}

	page, err := mgmt.AuditLogs.List(ctx, "ws_abc", &nahook.ListAuditLogsOptions{ResourceType: "endpoint"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range page.Data {
		fmt.Println(change.Action, change.ResourceID, "by", change.ActorType)
	}
	fmt.Println(page.Total, "in all")
	// Output:
	// endpoint.deleted ep_123 by management_token
	// 1 in all
}

// Everything that was changed within the last hour.
func ExampleAuditLogs_All() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()
	for _, name := range []string{"order.refunded", "order.shipped"} {
		if _, err := mgmt.EventTypes.Create(ctx, "ws_abc", nahook.CreateEventTypeOptions{Name: name}); err != nil {
			fmt.Println(err)
			return
		}
		srv.Advance(50 * time.Minute)
	}

	for change, err := range mgmt.AuditLogs.All(ctx, "ws_abc", &nahook.ListAuditLogsOptions{From: srv.Now().Add(-time.Hour)}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(change.Action, change.CreatedAt.Format(time.TimeOnly))
	}
	// Output: event_type.created 11:20:00
}
