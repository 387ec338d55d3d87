// Command imagecopy copies an image from a registry without TLS into a directory, under a signature policy: what `skopeo copy` does, by the
// library that skopeo, Podman and CRI-O share. The programs themselves have this library in whatever version their packager took, often
// without sigstore.
//
// Usage: imagecopy POLICY REGISTRIES.D IMAGE DIR
package main

import (
	"context"
	"fmt"
	"os"

	"go.podman.io/image/v5/copy"
	"go.podman.io/image/v5/directory"
	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: imagecopy POLICY REGISTRIES.D IMAGE DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "imagecopy:", err)
		os.Exit(1)
	}
}

func run(policyFile, registriesDirectory, image, target string) error {
	policy, err := signature.NewPolicyFromFile(policyFile)
	if err != nil {
		return err
	}
	allowed, err := signature.NewPolicyContext(policy)
	if err != nil {
		return err
	}
	defer func() { _ = allowed.Destroy() }()
	from, err := docker.ParseReference("//" + image)
	if err != nil {
		return err
	}
	to, err := directory.NewReference(target)
	if err != nil {
		return err
	}
	_, err = copy.Image(context.Background(), allowed, to, from, &copy.Options{
		SourceCtx: &types.SystemContext{
			RegistriesDirPath:           registriesDirectory,
			DockerInsecureSkipTLSVerify: types.OptionalBoolTrue,
			ArchitectureChoice:          "amd64",
			OSChoice:                    "linux",
		},
	})
	return err
}
