/**
 * HTTP/1.1 over TLS with blocking sockets, for threads of either kind.
 *
 * <p>Threat addressed: connections that are dead but look alive. Every read and write has a time
 * limit, a connection that misses it is closed and never used again, and a request over a
 * connection that was idle is repeated once on a fresh one when it is safe to repeat it.
 *
 * <p>Refused: redirects, compressed bodies, plain HTTP, response heads over 64 KiB.
 */
@NullMarked
package dev.countersign.kube.http;

import org.jspecify.annotations.NullMarked;
