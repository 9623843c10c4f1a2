// SPDX-License-Identifier: Apache-2.0
#include "admin/schemas.h"

namespace hawser::admin {

const std::string_view answer_schemas = R"json({
"Problem": {"type": "object", "additionalProperties": false, "required": ["error"],
"properties": {"error": {"type": "string"}, "would_move": {"$ref":
"#/components/schemas/Movement"}, "would_pin": {"$ref": "#/components/schemas/Movement"}, "would_unpin": {"$ref":
"#/components/schemas/Movement"},
"would_end": {"$ref": "#/components/schemas/Movement"}}},
"Session": {"type": "object", "additionalProperties": false, "required": ["id", "pool", "server",
"kind", "user", "state", "pinned", "carried", "age_seconds", "idle_seconds", "requests", "tunnels",
"keys", "moves", "data"], "properties": {"data": {"oneOf": [{"type": "null"}, {"$ref":
"#/components/schemas/KeptData"}]}, "id": {"type": "string", "pattern": "^[0-9a-f]{16}$"}, "pool":
{"type": "string"}, "server": {"type": ["string", "null"]}, "kind": {"type": "string"}, "user":
{"type": ["string", "null"], "pattern": "^[0-9a-f]{16}$"}, "state": {"enum": ["tentative",
"established"]}, "pinned": {"type": "boolean"}, "carried": {"type": "boolean"}, "age_seconds":
{"type": "integer", "minimum": 0}, "idle_seconds": {"type": "integer", "minimum": 0}, "requests":
{"type": "integer", "minimum": 0}, "tunnels": {"type": "integer", "minimum": 0}, "keys": {"type":
"integer", "minimum": 0}, "moves": {"type": "integer", "minimum": 0}}},
"KeptData": {"type": "object", "additionalProperties": false, "required": ["namespace", "handle",
"durability", "valuable", "has_user", "bytes", "version", "age_seconds", "idle_seconds",
"ends_in_seconds", "idle_limit_seconds", "absolute_limit_seconds"], "properties": {"namespace":
{"type": "string"}, "handle": {"type": "string"}, "durability": {"enum": ["memory", "interval",
"sync"]}, "valuable": {"type": "boolean"}, "has_user": {"type": "boolean"}, "bytes": {"type":
"integer", "minimum": 0}, "version": {"type": "string"}, "age_seconds": {"type": "integer",
"minimum": 0}, "idle_seconds": {"type": "integer", "minimum": 0}, "ends_in_seconds": {"type":
["integer", "null"], "minimum": 0}, "idle_limit_seconds": {"type": ["integer", "null"], "minimum": 0},
"absolute_limit_seconds": {"type": ["integer", "null"], "minimum": 0}}},
"Explanation": {"type": "object", "additionalProperties": false, "required": ["when", "request_id",
"session", "pool", "steps", "choices", "status", "ended"], "properties": {"when": {"type":
"string"}, "request_id": {"type": "string"}, "session": {"type": ["string", "null"], "pattern":
"^[0-9a-f]{16}$"}, "pool": {"type": "string"}, "steps": {"type": "array", "items": {"type":
"object", "additionalProperties": false, "required": ["step", "says"], "properties": {"step":
{"type": "string"}, "says": {"type": "string"}}}}, "choices": {"type": "array", "items": {"type":
"object", "additionalProperties": false, "required": ["candidates", "server", "verdict", "cause"],
"properties": {"candidates": {"type": "array", "items": {"type": "object", "additionalProperties":
false, "required": ["server", "home", "why_not"], "properties": {"server": {"type": "string"},
"home": {"type": "boolean"}, "why_not": {"type": "string"}}}}, "server": {"type": "string"},
"verdict": {"type": "string"}, "cause": {"type": "string"}}}}, "status": {"type": "integer",
"minimum": 0}, "ended": {"type": "string"}}},
"Explanations": {"type": "object", "additionalProperties": false, "required": ["explanations"],
"properties": {"explanations": {"type": "array", "items": {"$ref":
"#/components/schemas/Explanation"}}}},
"SessionPage": {"type": "object", "additionalProperties": false, "required": ["sessions", "next"],
"properties": {"sessions": {"type": "array", "items": {"$ref": "#/components/schemas/Session"}},
"next": {"type": ["string", "null"]}}},
"Movement": {"type": "object", "additionalProperties": false, "required": ["sessions", "of",
"with_tunnel", "active", "idle", "tentative"], "properties": {"sessions": {"type": "integer",
"minimum": 0}, "of": {"type": "integer", "minimum": 0}, "with_tunnel": {"type": "integer",
"minimum": 0}, "active": {"type": "integer", "minimum": 0}, "idle": {"type": "integer",
"minimum": 0}, "tentative": {"type": "integer", "minimum": 0}}},
"Check": {"anyOf": [{"type": "null"}, {"type": "object", "additionalProperties": false,
"required": ["kind", "passed", "result", "duration_ms", "age_ms"], "properties": {"kind":
{"type": "string"}, "passed": {"type": "boolean"}, "result": {"type": "string"}, "duration_ms":
{"type": "integer", "minimum": 0}, "age_ms": {"type": "integer", "minimum": 0}}}]},
"Server": {"type": "object", "additionalProperties": false, "required": ["name", "address",
"state", "weight", "max_connections", "max_sessions", "sessions", "in_flight", "connections",
"requests", "errors", "check", "agent", "reported_percent", "warmth_percent", "waiting",
"overridden", "source"], "properties": {"max_sessions": {"type": "integer", "minimum": 0},
"warmth_percent": {"type": "integer", "minimum": 1, "maximum": 100}, "waiting": {"type":
"integer", "minimum": 0}, "name":
{"type": "string"}, "address": {"type": "string"}, "state": {"enum": ["ready", "drain",
"drained", "maintenance", "down"]}, "weight": {"type": "integer", "minimum": 0},
"max_connections": {"type": "integer", "minimum": 0}, "sessions": {"$ref":
"#/components/schemas/Sessions"}, "in_flight": {"type": "integer", "minimum": 0}, "connections":
{"type": "integer", "minimum": 0}, "requests": {"type": "integer", "minimum": 0}, "errors":
{"type": "integer", "minimum": 0}, "check": {"$ref": "#/components/schemas/Check"}, "agent":
{"$ref": "#/components/schemas/Check"}, "reported_percent": {"type": "integer", "minimum": 0},
"overridden": {"type": "array", "items": {"enum": ["added", "removed", "state", "weight"]}},
"source": {"enum": ["file", "discovery", "operator"]},
"drain": {"$ref": "#/components/schemas/DrainProgress"}}},
"DrainProgress": {"type": "object", "additionalProperties": false, "required": ["left",
"expected_in_seconds", "deadline_in_seconds"], "properties": {"left": {"type": ["integer", "null"],
"minimum": 0}, "expected_in_seconds": {"type": ["integer", "null"], "minimum": 0},
"deadline_in_seconds": {"type": "integer", "minimum": 0}}},
"Sessions": {"type": "object", "additionalProperties": false, "required": ["established",
"tentative"], "properties": {"established": {"type": "integer", "minimum": 0}, "tentative":
{"type": "integer", "minimum": 0}}},
"Discovery": {"type": "object", "additionalProperties": false, "required": ["kind", "where",
"found", "failed", "trouble", "leaving"], "properties": {"kind": {"type": "string"}, "where":
{"type": "string"}, "found": {"type": "integer", "minimum": 0}, "failed": {"type": "integer",
"minimum": 0}, "trouble": {"type": "string"}, "leaving": {"type": "integer", "minimum": 0},
"age_seconds": {"type": "integer", "minimum": 0}}},
"Pool": {"type": "object", "additionalProperties": false, "required": ["name", "sessions",
"queue", "circuit_breaker", "servers"], "properties": {"name": {"type": "string"}, "queue":
{"type": "object", "additionalProperties": false, "required": ["waiting", "length"],
"properties": {"waiting": {"type": "integer", "minimum": 0}, "length": {"type": "integer",
"minimum": 0}}}, "circuit_breaker": {"type": "object", "additionalProperties": false,
"required": ["requests", "retries"], "properties": {"requests": {"type": "integer", "minimum":
0}, "retries": {"type": "integer", "minimum": 0}}}, "sessions": {"$ref":
"#/components/schemas/Sessions"}, "servers": {"type": "array", "items": {"$ref":
"#/components/schemas/Server"}}, "discovery": {"$ref": "#/components/schemas/Discovery"},
"rebalancing": {"type": "object", "additionalProperties": false, "required": ["skew"],
"properties": {"skew": {"type": "number", "minimum": 1}}}}},
"Pools": {"type": "object", "additionalProperties": false, "required": ["pools"], "properties":
{"pools": {"type": "array", "items": {"$ref": "#/components/schemas/Pool"}}}},
"Override": {"type": "object", "additionalProperties": false, "required": ["pool", "server",
"field", "value", "file", "who", "when"], "properties": {"pool": {"type": "string"}, "server":
{"type": "string"}, "field": {"enum": ["added", "removed", "state", "weight"]}, "value":
{"type": "string"}, "file": {"type": "string"}, "who": {"type": "string"}, "when": {"type":
"string"}}},
"Overrides": {"type": "object", "additionalProperties": false, "required": ["overrides"],
"properties": {"overrides": {"type": "array", "items": {"$ref":
"#/components/schemas/Override"}}}},
"Listener": {"type": "object", "additionalProperties": false, "required": ["name", "address"],
"properties": {"name": {"type": "string"}, "address": {"type": "string"}}},
"Node": {"type": "object", "additionalProperties": false, "required": ["version", "state",
"uptime_seconds", "generation", "reloads", "last_reload_succeeded", "workers", "listeners",
"pools", "overrides"], "properties": {"version": {"type": "string"}, "state": {"enum":
["serving", "draining"]}, "uptime_seconds": {"type": "integer", "minimum": 0}, "generation":
{"type": "integer", "minimum": 0}, "reloads": {"type": "integer", "minimum": 0},
"last_reload_succeeded": {"type": "boolean"}, "workers": {"type": "integer", "minimum": 0},
"listeners": {"type": "array", "items": {"$ref": "#/components/schemas/Listener"}}, "pools":
{"type": "array", "items": {"$ref": "#/components/schemas/Pool"}}, "overrides": {"type":
"array", "items": {"$ref": "#/components/schemas/Override"}}, "session_data": {"$ref":
"#/components/schemas/SessionData"}}},
"SessionData": {"type": "object", "additionalProperties": false, "required": ["records", "bytes",
"clients", "store"], "properties": {"records": {"type": "integer", "minimum": 0}, "bytes":
{"type": "integer", "minimum": 0}, "clients": {"type": "integer", "minimum": 0}, "store":
{"enum": ["memory", "ready", "opening", "failing"]}}},
"Watch": {"type": "object", "additionalProperties": false, "required": ["session", "pool",
"client", "until"], "properties": {"session": {"type": "string"}, "pool": {"type": "string"},
"client": {"type": "string"}, "until": {"type": "string"}}},
"Log": {"type": "object", "additionalProperties": false, "required": ["level", "level_of_file",
"until", "watches"], "properties": {"level": {"type": "string"}, "level_of_file": {"type":
"string"}, "until": {"type": "string"}, "watches": {"type": "array", "items": {"$ref":
"#/components/schemas/Watch"}}}},
"Drain": {"type": "object", "additionalProperties": false, "required": ["number", "pool",
"server", "phase", "outcome", "age_seconds", "deadline_in_seconds", "expected_in_seconds",
"left", "sessions", "idle_ages", "leaving", "released", "requests", "tunnels", "connections",
"rules"], "properties": {"number": {"type": "integer", "minimum": 1}, "pool": {"type": "string"},
"server": {"type": "string"}, "phase": {"enum": ["draining", "cutting", "drained", "lifted"]},
"outcome": {"enum": ["empty", "deadline", "lifted", null]}, "age_seconds": {"type": "integer",
"minimum": 0}, "deadline_in_seconds": {"type": "integer", "minimum": 0}, "expected_in_seconds":
{"type": ["integer", "null"], "minimum": 0}, "left": {"type": "integer", "minimum": 0},
"sessions": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Classes"}]},
"idle_ages": {"type": "array", "items": {"type": "object", "additionalProperties": false,
"required": ["below_seconds", "sessions"], "properties": {"below_seconds": {"type": ["integer",
"null"]}, "sessions": {"type": "integer", "minimum": 0}}}}, "leaving": {"type": "integer",
"minimum": 0}, "released": {"type": "integer", "minimum": 0}, "requests": {"type": "integer",
"minimum": 0}, "tunnels": {"type": "integer", "minimum": 0}, "connections": {"type": "integer",
"minimum": 0}, "rules": {"type": "object", "additionalProperties": {"type": "string"}}}},
"Classes": {"type": "object", "additionalProperties": false, "required": ["tentative", "idle",
"active", "tunnel"], "properties": {"tentative": {"type": "integer", "minimum": 0}, "idle":
{"type": "integer", "minimum": 0}, "active": {"type": "integer", "minimum": 0}, "tunnel":
{"type": "integer", "minimum": 0}}},
"Change": {"oneOf": [{"$ref": "#/components/schemas/Done"}, {"$ref":
"#/components/schemas/Trial"}]},
"Done": {"type": "object", "additionalProperties": false, "required": ["generation"],
"properties": {"generation": {"type": "integer", "minimum": 0}, "warning": {"type": "string"},
"sessions": {"type": "integer", "minimum": 0}, "records_ended": {"type": "integer", "minimum": 0},
"server": {"$ref": "#/components/schemas/Server"}}},
"Trial": {"type": "object", "additionalProperties": false, "required": ["dry_run"],
"properties": {"dry_run": {"const": true}, "would_move": {"$ref":
"#/components/schemas/Movement"}, "would_pin": {"$ref": "#/components/schemas/Movement"}, "would_unpin": {"$ref":
"#/components/schemas/Movement"},
"would_end": {"$ref": "#/components/schemas/Movement"}, "differences": {"type": "array", "items": {"type":
"string"}}}},
"Document": {"type": "object"}})json";

}  // namespace hawser::admin
