package dev.countersign.approver.command;

import dev.countersign.common.command.CliException;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.time.Durations;
import java.time.Duration;

/** Flags of the approver that the command which writes its Deployment checks, too. */
public final class FlagValues {
  /** How long a leader that vanished is waited for. */
  public static final String LEASE_DURATION = "--leader-elect-lease-duration";

  /** For how many Nodes at most there is a time series. */
  public static final String CERTIFICATE_METRICS = "--node-certificate-metrics";

  private FlagValues() {}

  /** Of {@link #LEASE_DURATION}: from a second to an hour. */
  public static Duration leaseDuration(String text) throws CliException {
    return Durations.parse(text)
        .filter(duration -> duration.toSeconds() >= 1 && duration.toHours() < 1)
        .orElseThrow(
            () ->
                CliException.usage(
                    LEASE_DURATION
                        + ": got "
                        + SafeText.quote(text)
                        + "; want 1s or more and less than 1h, such as 30s"));
  }

  /** Of {@link #CERTIFICATE_METRICS}: none or more. */
  public static int certificateMetrics(int most) throws CliException {
    if (most < 0) {
      throw CliException.usage(CERTIFICATE_METRICS + ": got " + most + "; want 0 or more");
    }
    return most;
  }
}
