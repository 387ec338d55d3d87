package dev.countersign.kube;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import dev.countersign.kube.proto.Envelope;
import dev.countersign.kube.proto.ListMeta;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Objects in protobuf. */
final class ProtobufObjects<M extends MessageLite, T> extends ObjectDecoder<T> {
  private static final ExtensionRegistryLite NO_EXTENSIONS =
      ExtensionRegistryLite.getEmptyRegistry();

  /** Every list has {@code meta/v1.ListMeta} first, and its items second. */
  private static final int METADATA = 1;

  private static final int ITEMS = 2;

  private final Parser<M> parser;
  private final ProtobufDecoder<M, T> decoder;

  ProtobufObjects(Parser<M> parser, ProtobufDecoder<M, T> decoder) {
    this.parser = parser;
    this.decoder = decoder;
  }

  @Override
  public T read(InputStream body) throws IOException {
    return decoder.decode(Envelope.read(body, parser));
  }

  @Override
  ListPage page(InputStream body, Consumer<? super T> items) throws IOException {
    CodedInputStream list = Envelope.open(body);
    ListMeta metadata = ListMeta.getDefaultInstance();
    for (int tag = list.readTag(); tag != 0; tag = list.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case METADATA -> metadata = list.readMessage(ListMeta.parser(), NO_EXTENSIONS);
        case ITEMS -> items.accept(decoder.decode(list.readMessage(parser, NO_EXTENSIONS)));
        default -> list.skipField(tag);
      }
    }
    Envelope.requireEnd(list);
    return new ListPage(metadata.getResourceVersion(), metadata.getContinue());
  }

  @Override
  WatchEvents<T> events(InputStream body) {
    return new ProtobufEvents<>(body, parser, decoder);
  }

  @Override
  String accept() {
    return ApiClient.PROTOBUF + "," + ApiClient.JSON;
  }

  @Override
  boolean reads(String contentType) {
    return contentType.startsWith(ApiClient.PROTOBUF);
  }
}
