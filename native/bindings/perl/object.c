/* Objects of a record: they get their classes when all of it is complete. */
#include "decode.h"

#include "fresh.h"

void zt_bless_later(pTHX_ zt_decoder *d, SV *sv, const char *name, uint32_t size, bool utf8) {
  if (d->blessed == d->object_room) {
    d->object_room = d->object_room * 2 + 16;
    Renew(d->objects, d->object_room, zt_object);
  }
  d->objects[d->blessed++] = (zt_object){
      .sv = SvREFCNT_inc_simple_NN(sv), .name = name, .size = size, .utf8 = utf8};
}

void zt_objects_check(zt_decoder *d) {
  for (size_t i = 0; i < d->blessed; i++) {
    if (SvPADTMP(d->objects[i].sv)) zt_corrupt(d);
    SvPADTMP_on(d->objects[i].sv);
  }
  for (size_t i = 0; i < d->blessed; i++) SvPADTMP_off(d->objects[i].sv);
}

static void bless_all(pTHX_ const zt_decoder *d) {
  const zt_object *before = NULL;
  HV *stash = NULL;
  for (size_t i = 0; i < d->blessed; i++) {
    const zt_object *object = &d->objects[i];
    if (object->name == NULL) continue;
    if (before == NULL || object->size != before->size || object->utf8 != before->utf8 ||
        memcmp(object->name, before->name, object->size) != 0) {
      stash = gv_stashpvn(object->name, object->size, GV_ADD | (object->utf8 ? SVf_UTF8 : 0));
    }
    SV *reference = zt_fresh_rv(aTHX_ SvREFCNT_inc_simple_NN(object->sv));
    sv_bless(reference, stash);
    SvREFCNT_dec_NN(reference);
    before = object;
  }
}

void zt_objects_end(pTHX_ zt_decoder *d) {
  if (d->status == ZTC_OK) bless_all(aTHX_ d);
  for (size_t i = 0; i < d->blessed; i++) SvREFCNT_dec_NN(d->objects[i].sv);
  Safefree(d->objects);
}
