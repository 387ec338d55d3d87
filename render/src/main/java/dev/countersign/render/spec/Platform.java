package dev.countersign.render.spec;

/** Where nodes run. */
public enum Platform {
  /** Machines of the operator's own. */
  BARE_METAL("bare-metal"),
  /** Amazon EC2. */
  AWS("aws"),
  /** Microsoft Azure. */
  AZURE("azure"),
  /** Google Compute Engine. */
  GOOGLE_CLOUD("google-cloud"),
  /** DigitalOcean droplets. */
  DIGITAL_OCEAN("digital-ocean");

  private final String key;

  Platform(String key) {
    this.key = key;
  }

  /** As the spec writes it. */
  public String key() {
    return key;
  }

  /** Whether machines come and go by the platform's doing, and so must delete their own Node. */
  public boolean isCloud() {
    return this != BARE_METAL;
  }
}
