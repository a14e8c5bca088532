/** The {@code ztc} command line. Nothing here is an interface for other programs. */
package io.github.zerotouchclone.cli;
