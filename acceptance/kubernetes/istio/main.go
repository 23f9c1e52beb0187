// Istio's own injector as an admission webhook, without the rest of istiod: the settings of a mesh, as its chart writes them,
// come from files, and there is no cluster to ask. Environment: CONFIG, VALUES, MESH (paths), CERTIFICATE and KEY (paths), and
// ENABLE_NATIVE_SIDECARS, which is istiod's own.
package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/mesh/meshwatcher"
	"istio.io/istio/pkg/kube/inject"
	"istio.io/istio/pkg/kube/multicluster"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	settings, err := os.ReadFile(os.Getenv("MESH"))
	if err != nil {
		return err
	}
	meshConfig, err := mesh.ApplyMeshConfigDefaults(string(settings))
	if err != nil {
		return err
	}
	watcher, err := inject.NewFileWatcher(os.Getenv("CONFIG"), os.Getenv("VALUES"))
	if err != nil {
		return err
	}
	store := model.NewFakeStore()
	environment := &model.Environment{Watcher: meshwatcher.NewTestWatcher(meshConfig), ConfigStore: store}
	environment.SetPushContext(&model.PushContext{ProxyConfigs: model.GetProxyConfigs(store, meshConfig)})
	mux := http.NewServeMux()
	if _, err := inject.NewWebhook(inject.WebhookParameters{
		Watcher:      watcher,
		Env:          environment,
		Mux:          mux,
		Revision:     "default",
		MultiCluster: multicluster.NewFakeController(),
	}); err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(os.Getenv("CERTIFICATE"), os.Getenv("KEY"))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("injector listens on %s\n", listener.Addr())
	server := &http.Server{Handler: mux, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}}
	return server.ServeTLS(listener, "", "")
}
