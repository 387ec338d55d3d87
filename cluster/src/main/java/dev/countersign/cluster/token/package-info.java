/**
 * Bootstrap tokens for their whole life: made from a cryptographic random source, bound to what
 * they are for, shown once, listed with who used them, rotated, deleted.
 *
 * <p><b>Threat.</b> A token outlives its use, is good for every node, and nobody knows who has it.
 *
 * <p><b>Refuses.</b> Groups outside of {@code system:bootstrappers:}, tokens without an end (unless
 * asked for by name), and to show a secret again: only {@link
 * dev.countersign.cluster.token.TokenStore#create} and {@code rotate} return one.
 */
@NullMarked
package dev.countersign.cluster.token;

import org.jspecify.annotations.NullMarked;
