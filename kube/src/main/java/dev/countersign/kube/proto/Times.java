package dev.countersign.kube.proto;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.DateTimeException;
import java.time.Instant;

/** Times as Kubernetes writes them. */
public final class Times {
  private Times() {}

  /**
   * Returns the instant of a time; an empty one counts as 1970.
   *
   * @throws InvalidProtocolBufferException when it is out of all range
   */
  public static Instant instant(Time time) throws InvalidProtocolBufferException {
    try {
      return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    } catch (DateTimeException | ArithmeticException e) {
      throw new InvalidProtocolBufferException("got a time out of all range; want one");
    }
  }

  /** Returns the time of an instant, to the second. */
  public static Time time(Instant instant) {
    return Time.newBuilder().setSeconds(instant.getEpochSecond()).build();
  }
}
