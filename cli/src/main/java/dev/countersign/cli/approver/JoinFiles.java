package dev.countersign.cli.approver;

import dev.countersign.cli.CommandFailure;
import dev.countersign.common.document.FileParse;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.file.AttestationFile;
import dev.countersign.policy.file.InventoryFile;
import dev.countersign.policy.inventory.InventoryDocument;
import dev.countersign.policy.join.Known;
import dev.countersign.policy.join.attestation.Attestation;
import java.util.List;

/** Reads the files of strict join. */
public final class JoinFiles {
  private JoinFiles() {}

  /**
   * An inventory, or what is wrong with it.
   *
   * @param where it is from
   */
  public static Known<InventoryDocument> inventory(String where, String text) {
    return switch (InventoryFile.parse(text)) {
      case FileParse.Parsed<InventoryDocument>(InventoryDocument document) -> Known.of(document);
      case FileParse.Refused<InventoryDocument> refused ->
          Known.unknown(where + ": " + refused.message());
    };
  }

  /** Whether a Node is in an inventory. */
  public static Known<Boolean> isListed(Known<InventoryDocument> inventory, String node) {
    return switch (inventory) {
      case Known.Unknown<InventoryDocument>(String why) -> Known.unknown(why);
      case Known.Fact<InventoryDocument>(InventoryDocument document) ->
          Known.of(NodeName.parse(node).flatMap(document::entry).isPresent());
    };
  }

  /**
   * Issuers of identity documents.
   *
   * @param where they are from
   */
  public static List<Attestation> issuers(String where, String text) throws CommandFailure {
    return switch (AttestationFile.parse(text)) {
      case FileParse.Parsed<List<Attestation>>(List<Attestation> issuers) -> issuers;
      case FileParse.Refused<List<Attestation>> refused ->
          throw CommandFailure.usage("--attestation " + where + ":\n" + refused.message());
    };
  }
}
