/**
 * The documentation as a site, in a real browser.
 *
 * <p>Threat addressed: a page that asks others for something as it is read, or that some readers
 * cannot use.
 *
 * <p>Refused: pages that are looked at only by whoever writes them.
 */
@NullMarked
package dev.countersign.scenarios.site;

import org.jspecify.annotations.NullMarked;
