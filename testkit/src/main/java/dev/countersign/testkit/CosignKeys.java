package dev.countersign.testkit;

/** Key pairs that cosign 2.6 made, for tests only. */
public final class CosignKeys {
  public static final String PASSWORD = "secret";

  public static final String PRIVATE =
      """
      -----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
      eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
      OCwicCI6MX0sInNhbHQiOiJrL0EwTk1oS090VGZZSnI4REs2WmNqZFdzZWdVTnAx
      QXVjaHB0K1JRZ0pvPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
      Iiwibm9uY2UiOiIvV0NIRkYyNE9aZWJBN0RSc1NpN2FucnQwRVZGbUxhWiJ9LCJj
      aXBoZXJ0ZXh0IjoiTTBlaFE0OW1RTVVMWEltOGIzbTc0TEcxS3ZVRmdiS0creFZh
      VHJhZnMreTVqN2E2T1dTZjdoVHRoQmdoRERKdSsrK2RWV3FJMmZsS0ovYmVlS3R2
      dktwSG1zSVlTY0hMUjFzRk5xeWRabitHZXBPVVFHNVV5M2V4UVBYU3F4ak1YaHdz
      dzd6K1FESnlUMmJ5K1NwWEJJTUtMSVpNak04elNYWkZMYU9iTkVMSTFVdTFIWXlz
      RFgwSkRlY3RsdVZoOGt5Y2JEZTIwTDh1eGc9PSJ9
      -----END ENCRYPTED SIGSTORE PRIVATE KEY-----
      """;

  public static final String PUBLIC =
      """
      -----BEGIN PUBLIC KEY-----
      MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErIz51JPsm/4LHhauQcmzBZDZvN6p
      3vY3nKTQUGnlP5RDsOk5Eel40K5EnCEOyDeEUNLlw/lb3VJbbkkU6xw5UA==
      -----END PUBLIC KEY-----
      """;

  /** Of another pair. */
  public static final String OTHER_PUBLIC =
      """
      -----BEGIN PUBLIC KEY-----
      MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQtiT3AHszTzEqVC+Vid0a8qtovVz
      DI4sQ6OYAQrytHIu7qXASIZFVwE894vKCBsbNW+ma/viXNIq5GDT8kxSnw==
      -----END PUBLIC KEY-----
      """;

  private CosignKeys() {}
}
