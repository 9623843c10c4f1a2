// SPDX-License-Identifier: Apache-2.0

// Package gate is what the applications in Go have in common.
package gate

import (
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/gomodule/redigo/redis"
)

// Wait says that a request waits, by a connection to port, and returns at its first byte.
func Wait(port string) {
	if port == "" {
		return
	}
	waiting, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	defer waiting.Close()
	waiting.Read(make([]byte, 1))
}

// Versions tells which of the modules this program was built from.
func Versions(paths ...string) string {
	build, _ := debug.ReadBuildInfo()
	told := []string{}
	for _, path := range paths {
		for _, module := range build.Deps {
			if module.Path == path {
				told = append(told, strings.TrimPrefix(path, "github.com/")+" "+module.Version)
			}
		}
	}
	return strings.Join(told, ", ")
}

// Command sends a word to the server and answers what that said.
func Command(pool *redis.Pool) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		client := pool.Get()
		defer client.Close()
		if _, err := client.Do(request.FormValue("word")); err != nil {
			fmt.Fprint(answer, err.Error())
			return
		}
		fmt.Fprint(answer, "OK")
	}
}
