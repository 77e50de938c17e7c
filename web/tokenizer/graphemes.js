// Written by tools/unicode/generate.py; do not edit. The code points that join the character before them in one grapheme,
// then those that nothing joins: where each run begins and where it has ended, in UTF-8.
const RANGES =
  'zIDNsNKD0orWkda+1r/XgNeB14PXhNeG14fXiNiQ2JvZi9mg2bDZsduW253bn9ul26fbqduq267ckdyS3LDdi96m3rHfq9+0373fvuCgluCgmuCgm+Cg' +
  'pOCgpeCgqOCgqeCgruChmeChnOCil+CioOCjiuCjouCjo+CkhOCkuuCkveCkvuClkOClkeClmOClouClpOCmgeCmhOCmvOCmveCmvuCnheCnh+CnieCn' +
  'i+CnjuCnl+CnmOCnouCnpOCnvuCnv+CogeCohOCovOCoveCovuCpg+Cph+CpieCpi+CpjuCpkeCpkuCpsOCpsuCpteCptuCqgeCqhOCqvOCqveCqvuCr' +
  'huCrh+CriuCri+CrjuCrouCrpOCruuCsgOCsgeCshOCsvOCsveCsvuCtheCth+CtieCti+CtjuCtleCtmOCtouCtpOCuguCug+CuvuCvg+CvhuCvieCv' +
  'iuCvjuCvl+CvmOCwgOCwheCwvOCwveCwvuCxheCxhuCxieCxiuCxjuCxleCxl+CxouCxpOCygeCyhOCyvOCyveCyvuCzheCzhuCzieCziuCzjuCzleCz' +
  'l+CzouCzpOCzs+CztOC0gOC0hOC0u+C0veC0vuC1heC1huC1ieC1iuC1juC1l+C1mOC1ouC1pOC2geC2hOC3iuC3i+C3j+C3leC3luC3l+C3mOC3oOC3' +
  'suC3tOC4seC4suC4s+C4u+C5h+C5j+C6seC6suC6s+C6veC7iOC7j+C8mOC8muC8teC8tuC8t+C8uOC8ueC8uuC8vuC9gOC9seC+heC+huC+iOC+jeC+' +
  'mOC+meC+veC/huC/h+GAreGAuOGAueGAv+GBluGBmuGBnuGBoeGBseGBteGCguGCg+GChOGCh+GCjeGCjuGCneGCnuGNneGNoOGckuGcluGcsuGcteGd' +
  'kuGdlOGdsuGdtOGetOGflOGfneGfnuGgi+GgjuGgj+GgkOGiheGih+GiqeGiquGkoOGkrOGksOGkvOGol+GonOGpleGpn+GpoOGpoeGpouGpo+GppeGp' +
  'veGpv+GqgOGqsOGrnuGroOGrrOGsgOGsheGstOGtheGtq+GttOGugOGug+GuoeGuruGvpuGvtOGwpOGwuOGzkOGzk+GzlOGzqeGzreGzruGztOGzteGz' +
  't+GzuuG3gOG4gOKAjOKAjuKDkOKDseKzr+KzsuK1v+K2gOK3oOK4gOOAquOAsOOCmeOCm+qZr+qZs+qZtOqZvuqanuqaoOqbsOqbsuqgguqgg+qghuqg' +
  'h+qgi+qgjOqgo+qgqOqgrOqgreqigOqiguqitOqjhuqjoOqjsuqjv+qkgOqkpuqkruqlh+qllOqmgOqmhOqms+qngeqnpeqnpuqoqeqot+qpg+qphOqp' +
  'jOqpjuqpvOqpveqqsOqqseqqsuqqteqqt+qqueqqvuqrgOqrgeqrguqrq+qrsOqrteqrt+qvo+qvq+qvrOqvru+snu+sn++4gO+4kO+4oO+4sO++nu++' +
  'oPCQh73wkIe+8JCLoPCQi6HwkI228JCNu/CQqIHwkKiE8JCohfCQqIfwkKiM8JCokPCQqLjwkKi78JCov/CQqYDwkKul8JCrp/CQtKTwkLSo8JC1qfCQ' +
  'ta7wkLqr8JC6rfCQu7rwkLyA8JC9hvCQvZHwkL6C8JC+hvCRgIDwkYCD8JGAuPCRgYfwkYGw8JGBsfCRgbPwkYG18JGBv/CRgoPwkYKw8JGCu/CRg4Lw' +
  'kYOD8JGEgPCRhIPwkYSn8JGEtfCRhYXwkYWH8JGFs/CRhbTwkYaA8JGGg/CRhrPwkYeB8JGHifCRh43wkYeO8JGHkPCRiKzwkYi48JGIvvCRiL/wkYmB' +
  '8JGJgvCRi5/wkYur8JGMgPCRjITwkYy78JGMvfCRjL7wkY2F8JGNh/CRjYnwkY2L8JGNjvCRjZfwkY2Y8JGNovCRjaTwkY2m8JGNrfCRjbDwkY218JGO' +
  'uPCRj4HwkY+C8JGPg/CRj4XwkY+G8JGPh/CRj4vwkY+M8JGPkfCRj5LwkY+T8JGPofCRj6PwkZC18JGRh/CRkZ7wkZGf8JGSsPCRk4TwkZav8JGWtvCR' +
  'lrjwkZeB8JGXnPCRl57wkZiw8JGZgfCRmqvwkZq48JGcnfCRnKDwkZyi8JGcrPCRoKzwkaC78JGksPCRpLbwkaS38JGkufCRpLvwkaS/8JGlgPCRpYHw' +
  'kaWC8JGlhPCRp5HwkaeY8JGnmvCRp6Hwkaek8JGnpfCRqIHwkaiL8JGos/CRqLrwkai78JGov/CRqYfwkamI8JGpkfCRqZzwkaqK8JGqmvCRraDwka2o' +
  '8JGwr/CRsLfwkbC48JGxgPCRspLwkbKo8JGyqfCRsrfwkbSx8JG0t/CRtLrwkbS78JG0vPCRtL7wkbS/8JG1hvCRtYfwkbWI8JG2ivCRto/wkbaQ8JG2' +
  'kvCRtpPwkbaY8JG7s/CRu7fwkbyA8JG8gvCRvIPwkbyE8JG8tPCRvLvwkby+8JG9g/CRvZrwkb2b8JORgPCTkYHwk5GH8JORlvCWhJ7wloSw8JarsPCW' +
  'q7Xwlqyw8Jast/CWvY/wlr2Q8Ja9kfCWvojwlr6P8Ja+k/CWv6Twlr+l8Ja/sPCWv7Lwm7Kd8Juyn/CcvIDwnLyu8Jy8sPCcvYfwnYWl8J2FqvCdha3w' +
  'nYWz8J2Fu/CdhoPwnYaF8J2GjPCdhqrwnYau8J2JgvCdiYXwnaiA8J2ot/CdqLvwnamt8J2ptfCdqbbwnaqE8J2qhfCdqpvwnaqg8J2qofCdqrDwnoCA' +
  '8J6Ah/CegIjwnoCZ8J6Am/CegKLwnoCj8J6ApfCegKbwnoCr8J6Cj/CegpDwnoSw8J6Et/Ceiq7wnoqv8J6LrPCei7DwnpOs8J6TsPCel67wnpew8J6b' +
  'o/Cem6Twnpum8J6bp/Cem67wnpuw8J6btfCem7bwnqOQ8J6jl/CepYTwnqWL8J+Pu/CfkIDzoICg86CCgPOghIDzoIewASB/wqDCrcKu2JzYneGgjuGg' +
  'j+KAi+KAjOKAjuKAkOKAqOKAr+KBoOKBsO+7v++8gO+/sO+/vA==';

/** @returns {{ joins: number, ranges: Uint8Array }} `joins`: how many of the ranges' ends are of the first kind */
export const graphemeRanges = () => ({
  joins: 668,
  ranges: Uint8Array.from(atob(RANGES), (character) => character.charCodeAt(0)),
});
