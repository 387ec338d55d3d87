/**
 * Reading and writing Kubernetes objects in protobuf, the form in which an API server sends them at
 * the least cost to itself and to us; only the fields asked for are kept.
 *
 * <p>Threat addressed: objects made large on purpose (annotations, images, managed fields) that
 * would fill the cache. What is not asked for is skipped by its length, without being looked at.
 *
 * <p>Refused: messages that end early, fields of another wire type than expected, watch events over
 * 16 MiB.
 */
@NullMarked
package dev.countersign.kube.proto;

import org.jspecify.annotations.NullMarked;
