#include "common/seen.c" /* compiled here: MakeMaker knows one folder */
