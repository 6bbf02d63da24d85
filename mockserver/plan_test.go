package mockserver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const notOnThisPlan = "Developer Portal is not available on your plan"

// On hobby every operation on applications is closed and every other open.
func TestHobbyHasNoDeveloperPortal(t *testing.T) {
	t.Parallel()
	own := strings.NewReplacer("app_a", "app_h", "ep_a", "ep_h", "evt_a", "evt_h", "env_a_staging", "env_h_staging", "del_a", "del_h")
	for _, op := range management {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			res := serve(t).as("nhm_hobby").do(op.method, inHobby+own.Replace(op.path), own.Replace(op.body))
			if strings.HasPrefix(op.path, "/applications") {
				res.refuses(403, "feature_disabled", notOnThisPlan)
				return
			}
			require.Equal(t, op.status, res.status, res.body)
		})
	}
}

// The plan is judged before ids: none of them tells whether it exists.
func TestHobbySeesNoDifferenceBetweenIDs(t *testing.T) {
	t.Parallel()
	a := serve(t).as("nhm_hobby")
	for _, id := range []string{"app_h", "app_a", "app_missing"} {
		a.get(inHobby+"/applications/"+id).refuses(403, "feature_disabled", notOnThisPlan)
		a.delete(inHobby+"/applications/"+id).refuses(403, "feature_disabled", notOnThisPlan)
	}
}

func TestPlanOfAWorkspace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []mockserver.Option
		status  int
	}{
		"is pro by default": {nil, 200},
		"can be pro":        {[]mockserver.Option{mockserver.WithPlan(mockserver.PlanPro)}, 200},
		"can be hobby":      {[]mockserver.Option{mockserver.WithPlan(mockserver.PlanHobby)}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := over(t, mockserver.Start(t, c.options...))
			require.Equal(t, c.status, a.get("/management/v1/workspaces/"+a.srv.ID()+"/applications").status)
		})
	}
}
