/** {@link io.github.zerotouchclone.junit.ZeroTouch} and the extension that it registers. */
package io.github.zerotouchclone.junit;
