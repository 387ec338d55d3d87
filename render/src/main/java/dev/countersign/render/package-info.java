/**
 * A cluster's files from one document: {@code (spec, existing secrets, random source, clock) ->
 * tree}.
 *
 * <p><b>Threat.</b> A secret that leaves the file it belongs in; a second rendering that replaces
 * what nodes already trust; a default that leaves kubelets unverified.
 *
 * <p><b>Refuses.</b> All input and output: writing is the caller's, and so are the clock and the
 * source of chance.
 */
@NullMarked
package dev.countersign.render;

import org.jspecify.annotations.NullMarked;
