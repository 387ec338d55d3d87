/**
 * What Kubernetes reads: static pods, objects to apply, the kubelet's configuration, etcd's
 * environment.
 *
 * <p><b>Threat.</b> An API server that talks to whatever answers on a node's address; a component
 * with more rights than its work takes.
 *
 * <p><b>Refuses.</b> Flags that leave a connection unverified: kubelets are checked against the
 * cluster's authority, etcd and its peers show certificates to each other, nobody is anonymous.
 */
@NullMarked
package dev.countersign.render.manifest;

import org.jspecify.annotations.NullMarked;
