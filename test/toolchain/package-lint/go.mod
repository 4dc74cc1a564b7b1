module ikeaudit/package-lint

go 1.26.0

require github.com/elastic/package-spec/v3 v3.6.6

require (
	github.com/Masterminds/semver/v3 v3.5.0 // indirect
	github.com/PaesslerAG/gval v1.0.0 // indirect
	github.com/PaesslerAG/jsonpath v0.1.1 // indirect
	github.com/aymerick/raymond v2.0.2+incompatible // indirect
	github.com/creasty/defaults v1.8.0 // indirect
	github.com/elastic/gojsonschema v1.2.2 // indirect
	github.com/elastic/kbncontent v0.1.4 // indirect
	github.com/evanphx/json-patch/v5 v5.9.11 // indirect
	github.com/go-viper/mapstructure/v2 v2.5.0 // indirect
	github.com/joeshaw/multierror v0.0.0-20140124173710-69b34d4ec901 // indirect
	github.com/mitchellh/mapstructure v1.5.0 // indirect
	github.com/stretchr/objx v0.5.2 // indirect
	github.com/xeipuuv/gojsonpointer v0.0.0-20190905194746-02993c407bfb // indirect
	github.com/xeipuuv/gojsonreference v0.0.0-20180127040603-bd5ef7bd5415 // indirect
	github.com/yuin/goldmark v1.8.5 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
