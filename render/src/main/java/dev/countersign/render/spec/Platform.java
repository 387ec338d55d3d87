package dev.countersign.render.spec;

/** Where machines run, and what a spec must say there; the rest is in {@code render.platform}. */
public enum Platform {
  /** Machines of the operator's own. */
  BARE_METAL("bare-metal", true, true),
  /** Amazon EC2. */
  AWS("aws", false, true),
  /** Microsoft Azure. */
  AZURE("azure", false, true),
  /** Google Compute Engine. */
  GOOGLE_CLOUD("google-cloud", false, true),
  /** DigitalOcean droplets. */
  DIGITAL_OCEAN("digital-ocean", false, false);

  private final String key;
  private final boolean needsDomain;
  private final boolean needsSshKeys;

  Platform(String key, boolean needsDomain, boolean needsSshKeys) {
    this.key = key;
    this.needsDomain = needsDomain;
    this.needsSshKeys = needsSshKeys;
  }

  /** As the spec writes it. */
  public String key() {
    return key;
  }

  /** Whether each machine must have a {@code domain}. */
  public boolean needsDomain() {
    return needsDomain;
  }

  /** Whether the spec must bring SSH keys, as nobody could log in otherwise. */
  public boolean needsSshKeys() {
    return needsSshKeys;
  }
}
