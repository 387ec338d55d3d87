/** PKCS#10, certificates, keys, PEM, certificate authority, secret files. */
@NullMarked
package dev.countersign.x509;

import org.jspecify.annotations.NullMarked;
