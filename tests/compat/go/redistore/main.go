// SPDX-License-Identifier: Apache-2.0

// Go with gorilla/sessions, kept by redistore on redigo.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"github.com/boj/redistore"
	"github.com/gorilla/sessions"

	"hawser.example/compat/gate"
)

func main() {
	store, err := redistore.NewRediStore(10, "tcp", "127.0.0.1:"+os.Getenv("STORE_PORT"), "", "",
		[]byte("of the test, of 32 bytes exactly"))
	if err != nil {
		panic(err)
	}
	lifetime, _ := strconv.Atoi(os.Getenv("LIFETIME"))
	store.SetMaxAge(lifetime)
	store.Options.Path = "/"

	items := func(session *sessions.Session) []string {
		found, _ := session.Values["items"].([]string)
		return append([]string{}, found...)
	}
	pages := map[string]func(*http.Request, *sessions.Session) (string, bool){
		"/items": func(_ *http.Request, session *sessions.Session) (string, bool) {
			text, _ := json.Marshal(items(session))
			return string(text), false
		},
		"/me": func(_ *http.Request, session *sessions.Session) (string, bool) {
			if name, known := session.Values["user"].(string); known {
				return name, false
			}
			return "nobody", false
		},
		"/add": func(request *http.Request, session *sessions.Session) (string, bool) {
			before := items(session)
			gate.Wait(request.FormValue("gate"))
			session.Values["items"] = append(before, request.FormValue("item"))
			text, _ := json.Marshal(session.Values["items"])
			return string(text), true
		},
		// redistore has no way to change an id.
		"/login": func(request *http.Request, session *sessions.Session) (string, bool) {
			session.Values["user"] = request.FormValue("name")
			return "in", true
		},
		"/logout": func(_ *http.Request, session *sessions.Session) (string, bool) {
			session.Options.MaxAge = -1
			return "out", true
		},
	}
	served := http.NewServeMux()
	for path, page := range pages {
		page := page
		served.HandleFunc(path, func(answer http.ResponseWriter, request *http.Request) {
			session, err := store.Get(request, "shop")
			if err == nil {
				text, changed := page(request, session)
				if changed {
					err = session.Save(request, answer)
				}
				if err == nil {
					fmt.Fprint(answer, text)
					return
				}
			}
			http.Error(answer, err.Error(), 500)
		})
	}
	served.HandleFunc("/about", func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(answer, gate.Versions("github.com/boj/redistore", "github.com/gorilla/sessions",
			"github.com/gomodule/redigo"))
	})
	served.HandleFunc("/command", gate.Command(store.Pool))
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), served))
}
