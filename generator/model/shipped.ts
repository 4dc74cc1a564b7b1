/** Source type in Splunk of the records that `ikeaudit parse --format cim` writes. */
export const SHIPPED = 'ikeaudit:cim';
