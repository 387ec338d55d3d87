/**
 * What an operator can choose, as values; the policy file that fills them is read in {@code
 * policy.file}.
 *
 * <p><b>Threat.</b> Defaults that wait for an operator to make them safe.
 *
 * <p><b>Refuses.</b> Combinations that cannot be meant, such as a minimum above a maximum.
 */
@NullMarked
package dev.countersign.policy.config;

import org.jspecify.annotations.NullMarked;
