/* Integers of any size and decimals, as objects of Math::BigInt and Math::BigFloat. */
#ifndef ZT_NUMBER_H
#define ZT_NUMBER_H

#include "decode.h"

/* Larger ones come as they are stored, as ZeroTouch::Ext. So many digits have at most one byte more. */
enum { ZT_NUMBER_BYTES = 4096, ZT_NUMBER_DIGITS = 9864, ZT_NUMBER_SCALE = 10000 };

/* An object that zt_numbers_finish will fill, or NULL: too large, or a failure that the decoder holds. */
SV *zt_number_integer(pTHX_ zt_decoder *d, const zt_node *ext, bool *too_large);
SV *zt_number_decimal(pTHX_ zt_decoder *d, const zt_node *ext, bool *too_large);

typedef struct zt_number {
  const uint8_t *data; /* into `bytes`: two's complement, big-endian, shortest */
  uint32_t size;
  int32_t scale;
  uint8_t bytes[ZT_NUMBER_BYTES + 8];
} zt_number;

/* From DIGITS or DIGITSeEXPONENT; false if it is anything else, or too large. */
bool zt_number_parse(const char *text, STRLEN size, zt_number *out);
/* That text of an object of one of the two classes, mortal; undef if it has none. */
SV *zt_number_text(pTHX_ SV *number);

#endif
