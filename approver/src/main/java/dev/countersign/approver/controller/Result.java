package dev.countersign.approver.controller;

import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.policy.decision.Decision;

/** What came of one request. */
public sealed interface Result {
  /** The verdict is written. */
  record Written(Decision decision) implements Result {}

  /** Nothing was to be written: it is deferred, left to others, or the mode does not write that. */
  record Undecided(Decision decision) implements Result {}

  /** The API server refused a write. */
  record Refused(ApiStatus status) implements Result {}

  /** Nobody knows whether a write was made. */
  record Unanswered(String why) implements Result {}

  /** What came of the write of a verdict. */
  static Result of(Decision decision, ApiResult<Boolean> outcome) {
    return switch (outcome) {
      case ApiResult.Done<Boolean> _ -> new Written(decision);
      case ApiResult.Refused<Boolean>(ApiStatus status) -> new Refused(status);
      case ApiResult.Unreachable<Boolean>(String why) -> new Unanswered(why);
    };
  }
}
