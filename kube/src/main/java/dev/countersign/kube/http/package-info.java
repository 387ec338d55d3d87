/**
 * HTTP/1.1 to one server by Apache HttpClient: which server, which proxy, which certificates, and
 * how long it may be silent.
 *
 * <p>Threat addressed: connections that are dead but look alive. A server that is silent for too
 * long, or does not answer in full in time, is cut off and its connection never used again; a
 * request over a connection that was idle is repeated once on a fresh one when it is safe to repeat
 * it.
 *
 * <p>Refused: redirects, compressed bodies, lines of a response head over 64 KiB.
 */
@NullMarked
package dev.countersign.kube.http;

import org.jspecify.annotations.NullMarked;
