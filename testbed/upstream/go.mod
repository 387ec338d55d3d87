// Only the root of the module: versions/MINOR/go.mod is what a Kubernetes release is built from (go build -modfile=...).
module dev.countersign/kubernetes

go 1.26.0
