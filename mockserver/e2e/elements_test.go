package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// node is an element as assistive technology finds it.
type node struct {
	Ignored    bool              `json:"ignored"`
	Role       value             `json:"role"`
	Name       value             `json:"name"`
	Properties []property        `json:"properties"`
	Backend    cdp.BackendNodeID `json:"backendDOMNodeId"`
}

type property struct {
	Name  string `json:"name"`
	Value value  `json:"value"`
}

type value struct {
	Value any `json:"value"`
}

func (v value) text() string {
	text, _ := v.Value.(string)
	return text
}

type nodeList struct {
	Nodes []node `json:"nodes"`
}

// object gives a script's result to other commands.
func (p *page) object(ctx context.Context, script string) (runtime.RemoteObjectID, error) {
	call := runtime.Evaluate(script)
	main := cdp.FrameID(chromedp.FromContext(ctx).Target.TargetID)
	if id := p.watch.frameContext(main, p.framed); id != "" {
		call = call.WithUniqueContextID(id)
	}
	object, exception, err := call.Do(ctx)
	if err != nil {
		return "", err
	}
	if exception != nil {
		return "", exception
	}
	return object.ObjectID, nil
}

// query finds the elements with a role and an accessible name in the
// portal; an empty role or name matches every one. The protocol's own types for
// this refuse what newer browsers say.
func (p *page) query(role, name string) ([]node, error) {
	var found nodeList
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Second) // there is no answer about a document that is left meanwhile
	defer cancel()
	err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		root, err := p.object(ctx, "document")
		if err != nil {
			return err
		}
		params := map[string]any{"objectId": root}
		if role != "" {
			params["role"] = role
		}
		if name != "" {
			params["accessibleName"] = name
		}
		return cdp.Execute(ctx, "Accessibility.queryAXTree", params, &found)
	}))
	shown := found.Nodes[:0]
	for _, n := range found.Nodes {
		if !n.Ignored {
			shown = append(shown, n)
		}
	}
	return shown, err
}

// nodesOf gives the one element that a script names.
func (p *page) nodesOf(script string) []node {
	p.t.Helper()
	var found nodeList
	require.NoError(p.t, chromedp.Run(p.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		object, err := p.object(ctx, script)
		if err != nil {
			return err
		}
		return cdp.Execute(ctx, "Accessibility.getPartialAXTree", map[string]any{"objectId": object, "fetchRelatives": false}, &found)
	})))
	return found.Nodes
}

// all are the elements that have a role and a name now.
func (p *page) all(role, name string) []node {
	p.t.Helper()
	nodes, err := p.query(role, name)
	require.NoError(p.t, err)
	return nodes
}

// find waits for an element, and gives the first.
func (p *page) find(role, name string) node {
	p.t.Helper()
	var first node
	p.until(fmt.Sprintf("there is a %s %q", role, name), func() bool {
		nodes, err := p.query(role, name)
		if err != nil || len(nodes) == 0 {
			return false
		}
		first = nodes[0]
		return true
	})
	return first
}

// gone waits until there is no such element.
func (p *page) gone(role, name string) {
	p.t.Helper()
	p.until(fmt.Sprintf("there is no %s %q", role, name), func() bool {
		nodes, err := p.query(role, name)
		return err == nil && len(nodes) == 0
	})
}

var errCovered = errors.New("the element cannot be hit")

// hit scrolls to an element and gives a point of it that nothing covers.
const hit = `function () {
	this.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
	const box = this.getClientRects()[0] ?? this.getBoundingClientRect();
	const x = box.left + box.width / 2, y = box.top + box.height / 2;
	const top = this.ownerDocument.elementFromPoint(x, y);
	return { x, y, free: top !== null && (this.contains(top) || top.contains(this)) };
}`

// click moves the mouse to an element and clicks it, as soon as it is there and
// nothing covers it.
func (p *page) click(role, name string) {
	p.t.Helper()
	var last error
	p.until(fmt.Sprintf("the %s %q can be clicked", role, name), func() bool {
		nodes, err := p.query(role, name)
		if err == nil && len(nodes) > 0 {
			err = p.clickNode(nodes[0])
			last = err
			return err == nil
		}
		return false
	})
	require.NoError(p.t, last)
}

func (p *page) clickNode(n node) error {
	return chromedp.Run(p.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		var point struct {
			X    float64 `json:"x"`
			Y    float64 `json:"y"`
			Free bool    `json:"free"`
		}
		if err := onNode(ctx, n, hit, &point); err != nil {
			return err
		}
		if !point.Free {
			return errCovered
		}
		for _, kind := range []input.MouseType{input.MouseMoved, input.MousePressed, input.MouseReleased} {
			event := input.DispatchMouseEvent(kind, point.X, point.Y)
			if kind != input.MouseMoved {
				event = event.WithButton(input.Left).WithClickCount(1)
			}
			if err := event.Do(ctx); err != nil {
				return err
			}
		}
		return nil
	}))
}

// of runs a function with an element as this.
func of[T any](p *page, n node, function string) T {
	p.t.Helper()
	var result T
	require.NoError(p.t, chromedp.Run(p.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		return onNode(ctx, n, function, &result)
	})))
	return result
}

func onNode(ctx context.Context, n node, function string, into any) error {
	object, err := dom.ResolveNode().WithBackendNodeID(n.Backend).Do(ctx)
	if err != nil {
		return err
	}
	result, exception, err := runtime.CallFunctionOn(function).WithObjectID(object.ObjectID).WithReturnByValue(true).Do(ctx)
	if err != nil {
		return err
	}
	if exception != nil {
		return exception
	}
	if result.Type == runtime.TypeUndefined {
		return nil
	}
	return unmarshal(result.Value, into)
}

// fill puts a text into a field in place of what is there, as typing does.
func (p *page) fill(name, text string) {
	p.t.Helper()
	p.click("textbox", name)
	of[any](p, p.find("textbox", name), `function () { this.select(); }`)
	p.run(input.InsertText(text))
	p.until("the text is in the field "+name, func() bool { return p.valueOf(name) == text })
}

func (p *page) valueOf(name string) string {
	p.t.Helper()
	return of[string](p, p.find("textbox", name), `function () { return this.value; }`)
}
