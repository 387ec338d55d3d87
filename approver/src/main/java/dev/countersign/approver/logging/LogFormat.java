package dev.countersign.approver.logging;

/** How lines are written. */
public enum LogFormat {
  /** {@code time level event key=value …}, for people. */
  TEXT,
  /** One JSON object a line. */
  JSON
}
