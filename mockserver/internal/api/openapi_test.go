package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpenAPIHasTheRoutesOfItsFamilies(t *testing.T) {
	t.Parallel()
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(openAPI, &document))
	var described, served []string
	for path, item := range document.Paths {
		for member, value := range item {
			if member == "servers" || member == "parameters" {
				continue
			}
			var operation struct {
				ID string `json:"operationId"`
			}
			require.NoError(t, json.Unmarshal(value, &operation), "%s %s", member, path)
			described = append(described, strings.ToUpper(member)+" "+path+" "+operation.ID)
		}
	}
	for _, route := range Routes() {
		for _, f := range []family{management, ingestion, portal} {
			if strings.HasPrefix(route.Path, f.prefix+"/") {
				served = append(served, route.Method+" "+route.Path+" "+route.Operation)
			}
		}
	}
	require.ElementsMatch(t, served, described)
}

func TestEveryReferenceOfOpenAPIResolves(t *testing.T) {
	t.Parallel()
	var document any
	require.NoError(t, json.Unmarshal(openAPI, &document))
	referred := map[string]bool{}
	eachReference(document, func(reference string) {
		require.NotNil(t, resolve(document, reference), reference)
		referred[reference] = true
	})
	for section, components := range resolve(document, "#/components").(map[string]any) {
		if section == "securitySchemes" { // which are named, not referred to
			continue
		}
		for name := range components.(map[string]any) {
			require.Contains(t, referred, "#/components/"+section+"/"+name, "nothing uses it")
		}
	}
}

func eachReference(value any, visit func(string)) {
	switch v := value.(type) {
	case map[string]any:
		if reference, ok := v["$ref"].(string); ok {
			visit(reference)
		}
		for _, member := range v {
			eachReference(member, visit)
		}
	case []any:
		for _, element := range v {
			eachReference(element, visit)
		}
	}
}

// resolve gives what a reference leads to, nil if that is nothing.
func resolve(document any, reference string) any {
	for name := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
		members, _ := document.(map[string]any)
		document = members[name]
	}
	return document
}
