// What Go's net/http costs by itself: the same headers and bytes as the sidecar's container document, from argv.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
)

func main() {
	var document struct {
		Headers []string
		Body    string
	}
	if err := json.Unmarshal([]byte(os.Args[1]), &document); err != nil {
		panic(err)
	}
	body := []byte(document.Body)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("{\"code\":\"Ready\",\"credentials\":[%q]}\n", listener.Addr().String())
	err = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		headers := w.Header()
		for i := 0; i+1 < len(document.Headers); i += 2 {
			headers.Set(document.Headers[i], document.Headers[i+1])
		}
		w.Write(body)
	}))
	panic(err)
}
