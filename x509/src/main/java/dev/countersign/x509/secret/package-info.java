/**
 * Types that hold secrets and do not let them slip.
 *
 * <p><b>Threat.</b> {@code toString}, {@code equals} and generated record code that print or
 * compare what must stay hidden.
 *
 * <p><b>Refuses.</b> To reveal anything without a {@link dev.countersign.x509.secret.SecretAccess},
 * which states the reason in the source.
 */
@NullMarked
package dev.countersign.x509.secret;

import org.jspecify.annotations.NullMarked;
