#!/bin/sh
# A customer at the cap, a webhook that fails and is retried, and a fault, against a
# server of the script's own. It needs sh and curl:
#
#   go run github.com/nahook/nahook-go/mockserver/cmd/nahook-mock@latest exec --clock manual -- sh demo.sh
set -eu

manage=$NAHOOK_API_URL/management/v1/workspaces/$NAHOOK_WORKSPACE_ID

# send TOKEN METHOD URL [BODY] prints the answer's body, and its status on a line of
# its own.
send() {
	if [ $# -gt 3 ]; then
		curl -sS -X "$2" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d "$4" -w '\n%{http_code}\n' "$3"
	else
		curl -sS -X "$2" -H "Authorization: Bearer $1" -w '\n%{http_code}\n' "$3"
	fi
}
api() { send "$NAHOOK_MANAGEMENT_TOKEN" "$@"; }
ingest() { send "$NAHOOK_API_KEY" "$@"; }
control() { method=$1 route=$2; shift 2; send "$NAHOOK_MOCK_CONTROL_TOKEN" "$method" "$NAHOOK_MOCK_CONTROL_URL/$route" "$@"; }

# member NAME prints the first member of that name of what it reads: a string without
# quotes in it, or a number.
member() { grep -o "\"$1\":\"\{0,1\}[^\",}]*" | head -n 1 | sed "s/^\"$1\":\"\{0,1\}//"; }
status() { tail -n 1; }

app=$(api POST "$manage/applications" '{"name":"Acme Corp","maxEndpoints":1}' | member id)
hooks=$(control POST receivers '{"replies":[{"status":503},{}]}' | member url)
answer=$(api POST "$manage/applications/$app/endpoints" "{\"url\":\"$hooks\"}")
endpoint=$(echo "$answer" | member id)
echo "the first endpoint: $(echo "$answer" | status)"
answer=$(api POST "$manage/applications/$app/endpoints" '{"url":"https://acme.example/hooks"}')
echo "the second endpoint: $(echo "$answer" | status) $(echo "$answer" | member code)"

delivery=$(ingest POST "$NAHOOK_API_URL/api/ingest/$endpoint" '{"payload":{"order":"ord_123"}}' | member deliveryId)
echo "sent: $(api GET "$manage/deliveries/$delivery" | member status)"
moved=$(control POST advance '{"by":"5s"}')
[ "$(echo "$moved" | status)" = 200 ] || { echo "the clock does not stand still: exec needs --clock manual" >&2; exit 1; }
echo "five seconds later: $(api GET "$manage/deliveries/$delivery" | member status)"

control POST faults '{"match":{"operation":"applications.get"},"do":{"effect":"status","code":503}}' >/dev/null
echo "under a fault: $(api GET "$manage/applications/$app" | status)"
echo "after it: $(api GET "$manage/applications/$app" | status)"

echo "attempts: $(control GET 'journal?operation=delivery.attempt&limit=0' | member matched)"
