/**
 * X.509 certificates as read (RFC 5280): names, validity, usages, key and chain.
 *
 * <p><b>Threat.</b> A certificate taken at its label: read from the wrong file, expired, or for
 * other names than those expected.
 *
 * <p><b>Refuses.</b> PEM text without certificates or with anything but certificates.
 */
@NullMarked
package dev.countersign.x509.certificate;

import org.jspecify.annotations.NullMarked;
