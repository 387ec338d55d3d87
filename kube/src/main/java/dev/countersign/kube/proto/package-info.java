/**
 * Kubernetes objects in protobuf, the form in which an API server sends them at the least cost to
 * itself and to us. The messages are generated from {@code kubernetes.proto}, which has the fields
 * that are read or written; others are kept as they came.
 *
 * <p>What belongs elsewhere: what the objects mean (whoever asks for them), kinds that are read in
 * JSON ({@code json}).
 *
 * <p>Refused: objects that end early or have no envelope.
 */
@NullMarked
package dev.countersign.kube.proto;

import org.jspecify.annotations.NullMarked;
