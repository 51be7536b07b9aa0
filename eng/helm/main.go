// Renders a chart as Helm 3 does, without a cluster: text/template with the functions of sprig, values merged and held against
// values.schema.json. Debian has no Helm; it has the libraries that Helm's engine is made of.
//
//	helm-engine --chart DIR [--values FILE]... [--set-json JSON] [--namespace NS] [--release NAME]
//	            [--kube-version v1.20.0] [--api-versions GROUP/VERSION[/KIND]]... [--upgrade]
//
// Prints one JSON object: template path to rendered text, NOTES.txt among them. Exits with 1 and one line per error.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/xeipuuv/gojsonschema"
	"sigs.k8s.io/yaml"
)

type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

type options struct {
	chart, release, namespace, kubeVersion, setJSON string
	values, apiVersions                             list
	upgrade                                         bool
}

func main() {
	var o options
	flag.StringVar(&o.chart, "chart", "", "the chart's folder")
	flag.StringVar(&o.release, "release", "inference-operator", "name of the release")
	flag.StringVar(&o.namespace, "namespace", "inference-operator", "namespace of the release")
	flag.StringVar(&o.kubeVersion, "kube-version", "v1.30.0", "version of the API server")
	flag.StringVar(&o.setJSON, "set-json", "", "values over those of the files, a JSON object")
	flag.Var(&o.values, "values", "file of values; later ones win")
	flag.Var(&o.apiVersions, "api-versions", "what the cluster serves beside the built-in groups")
	flag.BoolVar(&o.upgrade, "upgrade", false, "as for an upgrade, not an install")
	flag.Parse()

	rendered, err := render(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(rendered); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func render(o options) (map[string]string, error) {
	chart, err := readYAML(filepath.Join(o.chart, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	values, err := readValues(o)
	if err != nil {
		return nil, err
	}
	if err := holdAgainstSchema(filepath.Join(o.chart, "values.schema.json"), values); err != nil {
		return nil, err
	}
	contents, err := readFolder(o.chart)
	if err != nil {
		return nil, err
	}

	name := fmt.Sprint(chart["name"])
	files := chartFiles{}
	root := template.New(name).Option("missingkey=zero")
	paths := []string{}
	depth := map[string]int{}
	root.Funcs(functions(root, depth))
	for path, text := range contents {
		if !strings.HasPrefix(path, "templates/") {
			files[path] = []byte(text)
			continue
		}
		full := name + "/" + path
		if _, err := root.New(full).Parse(text); err != nil {
			return nil, err
		}
		if !strings.HasPrefix(filepath.Base(path), "_") {
			paths = append(paths, full)
		}
	}

	sort.Strings(paths)
	top := map[string]interface{}{
		"Chart":        capitalised(chart),
		"Values":       values,
		"Files":        files,
		"Capabilities": capabilitiesOf(o),
		"Release": map[string]interface{}{
			"Name": o.release, "Namespace": o.namespace, "Service": "Helm", "Revision": 1,
			"IsInstall": !o.upgrade, "IsUpgrade": o.upgrade,
		},
	}
	rendered := map[string]string{}
	for _, path := range paths {
		scope := map[string]interface{}{"Template": map[string]interface{}{"Name": path, "BasePath": name + "/templates"}}
		for key, value := range top {
			scope[key] = value
		}
		var text strings.Builder
		if err := root.ExecuteTemplate(&text, path, scope); err != nil {
			return nil, err
		}
		rendered[path] = strings.ReplaceAll(text.String(), "<no value>", "")
	}
	return rendered, nil
}

// Most includes of one template inside each other; beyond it a chart calls itself for ever.
const includesMax = 1000

func functions(root *template.Template, depth map[string]int) template.FuncMap {
	all := sprig.TxtFuncMap()
	// A chart must not depend on the machine that renders it.
	delete(all, "env")
	delete(all, "expandenv")
	all["toYaml"] = func(value interface{}) string {
		text, err := yaml.Marshal(value)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(text), "\n")
	}
	all["fromYaml"] = func(text string) map[string]interface{} {
		value := map[string]interface{}{}
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			value["Error"] = err.Error()
		}
		return value
	}
	all["toJson"] = func(value interface{}) string {
		text, err := json.Marshal(value)
		if err != nil {
			return ""
		}
		return string(text)
	}
	all["fromJson"] = func(text string) map[string]interface{} {
		value := map[string]interface{}{}
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			value["Error"] = err.Error()
		}
		return value
	}
	all["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	all["fail"] = func(message string) (string, error) { return "", fmt.Errorf("%s", message) }
	// There is no cluster to look into: as in `helm template`.
	all["lookup"] = func(string, string, string, string) (map[string]interface{}, error) {
		return map[string]interface{}{}, nil
	}
	all["include"] = func(name string, data interface{}) (string, error) {
		if depth[name] >= includesMax {
			return "", fmt.Errorf("%s includes itself without end", name)
		}
		depth[name]++
		defer func() { depth[name]-- }()
		var text strings.Builder
		err := root.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	all["tpl"] = func(text string, data interface{}) (string, error) {
		copied, err := root.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := copied.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		err = parsed.Execute(&out, data)
		return out.String(), err
	}
	return all
}

// chartFiles is what templates see as .Files.
type chartFiles map[string][]byte

func (f chartFiles) Get(path string) string { return string(f[path]) }

func (f chartFiles) Glob(pattern string) chartFiles {
	found := chartFiles{}
	for path, content := range f {
		if ok, _ := filepath.Match(pattern, path); ok {
			found[path] = content
		}
	}
	return found
}

type versions []string

func (v versions) Has(version string) bool {
	for _, served := range v {
		if served == version {
			return true
		}
	}
	return false
}

var kubeVersion = regexp.MustCompile(`^v?(\d+)\.(\d+)`)

func capabilitiesOf(o options) map[string]interface{} {
	parts := kubeVersion.FindStringSubmatch(o.kubeVersion)
	if parts == nil {
		parts = []string{"", "1", "30"}
	}
	return map[string]interface{}{
		"KubeVersion": map[string]interface{}{"Version": o.kubeVersion, "GitVersion": o.kubeVersion, "Major": parts[1], "Minor": parts[2]},
		"APIVersions": versions(append([]string{"v1", "apps/v1", "batch/v1", "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1"}, o.apiVersions...)),
		"HelmVersion": map[string]interface{}{"Version": "v3.0.0"},
	}
}

// The chart's fields under the names that templates know them by.
func capitalised(chart map[string]interface{}) map[string]interface{} {
	named := map[string]interface{}{}
	for key, value := range chart {
		if key == "apiVersion" {
			named["APIVersion"] = value
			continue
		}
		named[strings.ToUpper(key[:1])+key[1:]] = value
	}
	return named
}

func readValues(o options) (map[string]interface{}, error) {
	values, err := readYAML(filepath.Join(o.chart, "values.yaml"))
	if err != nil {
		return nil, err
	}
	for _, path := range o.values {
		over, err := readYAML(path)
		if err != nil {
			return nil, err
		}
		merge(values, over)
	}
	if o.setJSON != "" {
		over := map[string]interface{}{}
		if err := json.Unmarshal([]byte(o.setJSON), &over); err != nil {
			return nil, err
		}
		merge(values, over)
	}
	return values, nil
}

// Maps are merged key by key, everything else is replaced, null takes a key away.
func merge(values, over map[string]interface{}) {
	for key, value := range over {
		below, isMap := value.(map[string]interface{})
		under, wasMap := values[key].(map[string]interface{})
		switch {
		case value == nil:
			delete(values, key)
		case isMap && wasMap:
			merge(under, below)
		default:
			values[key] = value
		}
	}
}

func holdAgainstSchema(path string, values map[string]interface{}) error {
	schema, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := json.Marshal(values)
	if err != nil {
		return err
	}
	result, err := gojsonschema.Validate(gojsonschema.NewBytesLoader(schema), gojsonschema.NewBytesLoader(text))
	if err != nil {
		return err
	}
	if result.Valid() {
		return nil
	}
	lines := []string{"values don't meet the specifications of the schema:"}
	for _, problem := range result.Errors() {
		lines = append(lines, "- "+problem.String())
	}
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

func readYAML(path string) (map[string]interface{}, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	value := map[string]interface{}{}
	if err := yaml.Unmarshal(text, &value); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return value, nil
}

func readFolder(root string) (map[string]string, error) {
	contents := map[string]string{}
	err := filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		contents[filepath.ToSlash(relative)] = string(text)
		return nil
	})
	return contents, err
}
