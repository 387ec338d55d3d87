package dev.countersign.cli.cluster;

import dev.countersign.common.text.SafeText;
import dev.countersign.common.time.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The value of {@code --request-timeout} as kubectl takes it: {@code 500ms}, {@code 5s}, {@code 0};
 * a number alone is seconds.
 */
public final class RequestTimeout implements ITypeConverter<Duration> {

  /** Made by picocli. */
  public RequestTimeout() {}

  @Override
  public Duration convert(String text) {
    String withUnit =
        text.isEmpty() || !Character.isDigit(text.charAt(text.length() - 1)) ? text : text + "s";
    return Durations.parse(withUnit)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "got "
                        + SafeText.quote(text)
                        + "; want 0, seconds, or a duration such as 500ms, 5s, 1m or 1h"));
  }
}
