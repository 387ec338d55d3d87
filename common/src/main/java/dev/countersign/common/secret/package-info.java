/**
 * Types that hold secrets and do not let them slip.
 *
 * <p><b>Threat.</b> {@code toString}, {@code equals} and generated record code that print or
 * compare what must stay hidden.
 *
 * <p><b>Refuses.</b> To reveal anything without a {@link
 * dev.countersign.common.secret.SecretAccess}, which states the reason in the source.
 *
 * <p><b>Does not belong here.</b> Private keys, which {@code x509} holds, and where secrets are
 * kept.
 */
@NullMarked
package dev.countersign.common.secret;

import org.jspecify.annotations.NullMarked;
