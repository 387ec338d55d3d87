/**
 * Downloads into a cache addressed by content.
 *
 * <p>Threat: a server or a cache directory whose bytes differ from what was locked.
 *
 * <p>Refused: content of another digest; nothing unverified is ever given out of the cache.
 */
@NullMarked
package dev.countersign.image.fetch;

import org.jspecify.annotations.NullMarked;
