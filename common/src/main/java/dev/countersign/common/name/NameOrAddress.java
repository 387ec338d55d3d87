package dev.countersign.common.name;

/**
 * What a serving certificate can name and a Node can claim: a DNS name or an IP address, in the
 * form in which two of them are the same.
 */
public sealed interface NameOrAddress permits DnsName, IpAddress {
  /**
   * Canonical text; equal exactly where the values are. DNS names and addresses never share one.
   */
  String key();
}
