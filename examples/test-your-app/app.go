package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/nahook/nahook-go"
)

// app is a small SaaS: customers sign up, register webhooks within their plan, and
// hear of every note that they write.
type app struct {
	mgmt      *nahook.Management
	client    *nahook.Client
	workspace string
}

// endpoints is how many webhooks a plan includes.
var endpoints = map[string]int{"free": 1, "team": 5}

func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /customers/{customer}", a.answer(a.signUp))
	mux.HandleFunc("POST /customers/{customer}/webhooks", a.answer(a.addWebhook))
	mux.HandleFunc("POST /customers/{customer}/notes", a.answer(a.addNote))
	return mux
}

// request is what a customer may ask for.
type request struct {
	Plan string `json:"plan"`
	URL  string `json:"url"`
	Text string `json:"text"`
}

// signUp makes the customer an application, or changes the plan. It may be
// repeated after any error: the external id finds what is there already.
func (a *app) signUp(ctx context.Context, customer string, in request) error {
	limit, known := endpoints[in.Plan]
	if !known {
		return fmt.Errorf("%w: there is no plan %q", nahook.ErrInvalidArgument, in.Plan)
	}
	_, err := a.mgmt.Applications.Create(ctx, a.workspace, nahook.CreateApplicationOptions{
		Name: customer, ExternalID: customer, MaxEndpoints: &limit,
	})
	if !errors.Is(err, nahook.ErrConflict) {
		return err
	}
	found, err := a.find(ctx, customer)
	if err != nil {
		return err
	}
	_, err = a.mgmt.Applications.Update(ctx, a.workspace, found.ID, nahook.UpdateApplicationOptions{MaxEndpoints: nahook.Value(limit)})
	return err
}

// find looks a customer's application up.
func (a *app) find(ctx context.Context, customer string) (*nahook.Application, error) {
	for found, err := range a.mgmt.Applications.All(ctx, a.workspace, nil) {
		if err != nil || found.ExternalID == customer {
			return found, err
		}
	}
	return nil, nahook.ErrNotFound
}

func (a *app) addWebhook(ctx context.Context, customer string, in request) error {
	found, err := a.find(ctx, customer)
	if err != nil {
		return err
	}
	_, err = a.mgmt.Applications.CreateEndpoint(ctx, a.workspace, found.ID, nahook.CreateEndpointOptions{URL: in.URL})
	return err
}

// addNote tells all of the customer's webhooks.
func (a *app) addNote(ctx context.Context, customer string, in request) error {
	found, err := a.find(ctx, customer)
	if err != nil {
		return err
	}
	hooks, err := a.mgmt.Applications.ListEndpoints(ctx, a.workspace, found.ID)
	if err != nil {
		return err
	}
	items := make([]nahook.SendItem, len(hooks.Data))
	for i, hook := range hooks.Data {
		items[i] = nahook.SendItem{EndpointID: hook.ID, Payload: map[string]string{"type": "note.created", "text": in.Text}}
	}
	sent, err := a.client.SendBatch(ctx, items)
	return errors.Join(err, sent.Err())
}

// answer turns what Nahook says into what a customer understands.
func (a *app) answer(do func(context.Context, string, request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in request
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, "send a JSON object", http.StatusBadRequest)
			return
		}
		err := do(r.Context(), r.PathValue("customer"), in)
		switch {
		case err == nil:
			w.WriteHeader(http.StatusNoContent)
		case errors.Is(err, nahook.ErrApplicationEndpointLimitReached):
			http.Error(w, "your plan has no room for another webhook: upgrade", http.StatusPaymentRequired)
		case errors.Is(err, nahook.ErrInvalidArgument), errors.Is(err, nahook.ErrValidation):
			http.Error(w, err.Error(), http.StatusBadRequest)
		case errors.Is(err, nahook.ErrNotFound):
			http.Error(w, "sign up first", http.StatusNotFound)
		default:
			http.Error(w, "webhooks are not available, try again", http.StatusBadGateway)
		}
	}
}
