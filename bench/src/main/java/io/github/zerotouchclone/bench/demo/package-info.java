/**
 * The main job from end to end: publish, copy in many workers, prove that nothing was un-shared.
 */
package io.github.zerotouchclone.bench.demo;
