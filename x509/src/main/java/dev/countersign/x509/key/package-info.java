/**
 * Key pairs: generating, reading every common PEM form, writing the forms Kubernetes tools expect.
 *
 * <p><b>Threat.</b> A private key that ends up in a log, an exception or a world-readable file.
 *
 * <p><b>Refuses.</b> To show a private key without a {@link
 * dev.countersign.common.secret.SecretAccess}; encrypted keys, several keys in one text.
 */
@NullMarked
package dev.countersign.x509.key;

import org.jspecify.annotations.NullMarked;
