package mockserver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	together = "authUsername and authPassword must be given together"
	user     = `"authUsername":"acme"`
	pass     = `"authPassword":"` + password + `"`
)

func object(members ...string) string { return "{" + strings.Join(members, ",") + "}" }

func TestAuthOfANewEndpointIsAPair(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, path := range []string{"/endpoints", "/applications/app_b/endpoints"} {
		for name, c := range map[string]struct {
			members string
			hasAuth bool
			message string
		}{
			"both":                        {user + "," + pass, true, ""},
			"neither":                     {`"description":"x"`, false, ""},
			"both empty":                  {`"authUsername":"","authPassword":""`, false, ""},
			"both null":                   {`"authUsername":null,"authPassword":null`, false, ""},
			"a null and an empty one":     {`"authUsername":null,"authPassword":""`, false, ""},
			"a user name alone":           {user, false, together},
			"a password alone":            {pass, false, together},
			"an empty password":           {user + `,"authPassword":""`, false, together},
			"an empty user name":          {`"authUsername":"",` + pass, false, together},
			"a null for a password":       {user + `,"authPassword":null`, false, together},
			"a colon in the user name":    {`"authUsername":"ac:me",` + pass, false, "authUsername must not contain a colon"},
			"a colon in the password":     {user + `,"authPassword":"` + password + `:x"`, true, ""},
			"blanks, which are not empty": {`"authUsername":" ","authPassword":" "`, true, ""},
		} {
			t.Run(name+" on "+path, func(t *testing.T) {
				t.Parallel()
				res := a.in(t).post(inA+path, object(`"url":"https://a.test"`, c.members))
				if c.message != "" {
					res.invalid(c.message)
					return
				}
				require.Equal(t, 201, res.status, res.body)
				if c.hasAuth {
					require.Contains(t, res.body, `"hasAuth":true`)
					require.NotEmpty(t, res.text("authUsername"))
				} else {
					require.Contains(t, res.body, `"authUsername":null,"hasAuth":false`)
				}
			})
		}
	}
}

// What an update says is laid over what is stored; the result must be a pair.
func TestAuthOfAnUpdatedEndpointStaysAPair(t *testing.T) {
	t.Parallel()
	const (
		stays   = `"acme"`
		changed = `"other"`
		none    = `null`
	)
	for name, c := range map[string]struct{ body, stored, without, message string }{ // authUsername after the update
		"nothing":                    {`{"description":"x"}`, stays, none, ""},
		"both":                       {`{"authUsername":"other",` + pass + `}`, changed, changed, ""},
		"a user name alone":          {`{"authUsername":"other"}`, changed, "", together},
		"a password alone":           {`{` + pass + `}`, stays, "", together},
		"an empty user name":         {`{"authUsername":""}`, none, none, ""},
		"a null user name":           {`{"authUsername":null}`, none, none, ""},
		"an empty password":          {`{"authPassword":""}`, none, none, ""},
		"a null password":            {`{"authPassword":null}`, none, none, ""},
		"both empty":                 {`{"authUsername":"","authPassword":""}`, none, none, ""},
		"both null":                  {`{"authUsername":null,"authPassword":null}`, none, none, ""},
		"a name, an empty password":  {`{"authUsername":"other","authPassword":""}`, "", "", together},
		"a name, a null password":    {`{"authUsername":"other","authPassword":null}`, "", "", together},
		"a password, an empty name":  {`{"authUsername":"",` + pass + `}`, "", "", together},
		"a password, a null name":    {`{"authUsername":null,` + pass + `}`, "", "", together},
		"a colon, with a password":   {`{"authUsername":"o:r",` + pass + `}`, "", "", "authUsername must not contain a colon"},
		"a colon in a name to store": {`{"authUsername":"o:r","authPassword":"` + password + `"}`, "", "", "authUsername must not contain a colon"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			for id, want := range map[string]string{"ep_a": c.stored, "ep_b": c.without, "ep_slack": c.without} {
				before := a.get(inA + "/endpoints/" + id).body
				res := a.patch(inA+"/endpoints/"+id, c.body)
				if want == "" {
					res.invalid(c.message)
					a.get(inA+"/endpoints/"+id).is(200, before)
					continue
				}
				require.Equal(t, 200, res.status, res.body)
				hasAuth := "true"
				if want == none {
					hasAuth = "false"
				}
				require.Contains(t, res.body, `"authUsername":`+want+`,"hasAuth":`+hasAuth)
			}
		})
	}
	t.Run("a user name alone once the pair is stored", func(t *testing.T) {
		t.Parallel()
		a := serve(t)
		a.patch(inA+"/endpoints/ep_b", object(user)).invalid(together)
		require.Equal(t, 200, a.patch(inA+"/endpoints/ep_b", object(user, pass)).status)
		require.Equal(t, "other", a.patch(inA+"/endpoints/ep_b", `{"authUsername":"other"}`).text("authUsername"))
		a.patch(inA+"/endpoints/ep_b", `{"authUsername":""}`)
		a.patch(inA+"/endpoints/ep_b", object(user)).invalid(together)
	})
}
