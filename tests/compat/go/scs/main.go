// SPDX-License-Identifier: Apache-2.0

// Go with scs and its redisstore on redigo.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/alexedwards/scs/redisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/gomodule/redigo/redis"

	"hawser.example/compat/gate"
)

func main() {
	pool := &redis.Pool{MaxIdle: 10, Dial: func() (redis.Conn, error) {
		return redis.Dial("tcp", "127.0.0.1:"+os.Getenv("STORE_PORT"))
	}}
	lifetime, _ := strconv.Atoi(os.Getenv("LIFETIME"))
	sessions := scs.New()
	sessions.Store = redisstore.New(pool)
	sessions.Lifetime = time.Duration(lifetime) * time.Second

	items := func(ctx context.Context) []string {
		found := []string{}
		if text := sessions.GetString(ctx, "items"); text != "" {
			json.Unmarshal([]byte(text), &found)
		}
		return found
	}
	pages := map[string]func(http.ResponseWriter, *http.Request){
		"/items": func(answer http.ResponseWriter, request *http.Request) {
			json.NewEncoder(answer).Encode(items(request.Context()))
		},
		"/me": func(answer http.ResponseWriter, request *http.Request) {
			name := sessions.GetString(request.Context(), "user")
			if name == "" {
				name = "nobody"
			}
			fmt.Fprint(answer, name)
		},
		"/add": func(answer http.ResponseWriter, request *http.Request) {
			before := items(request.Context())
			gate.Wait(request.FormValue("gate"))
			text, _ := json.Marshal(append(before, request.FormValue("item")))
			sessions.Put(request.Context(), "items", string(text))
			answer.Write(text)
		},
		"/login": func(answer http.ResponseWriter, request *http.Request) {
			if err := sessions.RenewToken(request.Context()); err != nil {
				http.Error(answer, err.Error(), 500)
				return
			}
			sessions.Put(request.Context(), "user", request.FormValue("name"))
			fmt.Fprint(answer, "in")
		},
		"/logout": func(answer http.ResponseWriter, request *http.Request) {
			if err := sessions.Destroy(request.Context()); err != nil {
				http.Error(answer, err.Error(), 500)
				return
			}
			fmt.Fprint(answer, "out")
		},
	}
	served := http.NewServeMux()
	for path, page := range pages {
		served.Handle(path, sessions.LoadAndSave(http.HandlerFunc(page)))
	}
	served.HandleFunc("/about", func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(answer, gate.Versions("github.com/alexedwards/scs/v2", "github.com/gomodule/redigo"))
	})
	served.HandleFunc("/all", func(answer http.ResponseWriter, request *http.Request) {
		all := [][]string{}
		err := sessions.Iterate(request.Context(), func(ctx context.Context) error {
			all = append(all, items(ctx))
			return nil
		})
		if err != nil {
			http.Error(answer, err.Error(), 500)
			return
		}
		json.NewEncoder(answer).Encode(all)
	})
	served.HandleFunc("/command", gate.Command(pool))
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), served))
}
