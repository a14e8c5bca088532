package org.jspecify.annotations;

/** Stands in for JSpecify's annotation, since this compiles the library without Maven. */
public @interface NullMarked {}
