//! What other tools see of it, and what images share.

use super::*;

/// A layer: an archive that becomes smaller, of which `mark` makes another one.
fn layer(mark: u8, files: usize) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for at in 0..files {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(3000);
        let text = vec![mark; 3000];
        builder.append_data(&mut header, format!("etc/{at}"), text.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Bytes that can't be made smaller.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..count / 8).flat_map(|_| next()).collect()
}

/// An image of these layers, as the engine exports it.
fn image(layers: &[Vec<u8>]) -> Files {
    let ids: Vec<String> = layers.iter().map(|layer| digest(layer)).collect();
    let config = serde_json::json!({
        "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ids}});
    let config = blob(config.to_string().as_bytes());
    let paths: Vec<String> = ids.iter().map(|id| id.replace("sha256:", "blobs/sha256/")).collect();
    let list = serde_json::json!([{"Config": config.0, "RepoTags": null, "Layers": paths}]);
    let layers = layers.iter().map(|layer| blob(layer));
    let list = ("manifest.json".to_owned(), list.to_string().into_bytes());
    layers.chain([config, list]).collect()
}

fn keep(vault: &Vault, images: &[&str]) {
    vault.collect_garbage(&images.iter().map(|image| (*image).to_owned()).collect()).unwrap();
}

fn size(vault: &Vault) -> u64 {
    let files = fs::read_dir(vault.root().join("blobs/sha256")).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

fn json(path: std::path::PathBuf) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The blob that a descriptor names, which has to have its digest and its size.
fn described(vault: &Vault, descriptor: &serde_json::Value) -> Vec<u8> {
    let id = descriptor["digest"].as_str().unwrap();
    let file = vault.root().join(id.replace("sha256:", "blobs/sha256/"));
    let bytes = fs::read(file).unwrap();
    assert_eq!(digest(&bytes), id);
    assert_eq!(descriptor["size"], bytes.len());
    bytes
}

#[test]
fn other_tools_find_what_is_kept_and_layers_are_what_their_configuration_says() {
    let (_folder, vault) = vault();
    let mut zipped = vec![0x1f, 0x8b];
    zipped.extend(noise(8000));
    let mut dense = layer(1, 1);
    dense.extend(noise(400_000));
    let layers = [layer(7, 40), dense, zipped];
    let files = image(&layers);
    vault.put("sha256:aa", &mut export(&files).as_slice()).unwrap();
    assert_eq!(files_of(&content(&vault, "sha256:aa")), (files, 1));
    keep(&vault, &["sha256:aa"]);
    let layout = fs::read_to_string(vault.root().join("oci-layout")).unwrap();
    assert_eq!(layout, r#"{"imageLayoutVersion":"1.0.0"}"#);
    let index = json(vault.root().join("index.json"));
    assert_eq!(index["schemaVersion"], 2);
    let manifests = index["manifests"].as_array().unwrap();
    assert_eq!(manifests.len(), 1);
    assert_eq!(manifests[0]["annotations"]["backstay.image"], "sha256:aa");
    assert_eq!(
        manifests[0]["platform"],
        serde_json::json!({"architecture": "amd64", "os": "linux"})
    );
    let manifest = described(&vault, &manifests[0]);
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let config = described(&vault, &manifest["config"]);
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    let prefix = "application/vnd.oci.image.layer.v1.tar";
    for (at, suffix) in ["+zstd", "", "+gzip"].into_iter().enumerate() {
        let descriptor = &manifest["layers"][at];
        assert_eq!(descriptor["mediaType"], format!("{prefix}{suffix}"), "{at}");
        let bytes = described(&vault, descriptor);
        let plain = if at == 0 { zstd::decode_all(bytes.as_slice()).unwrap() } else { bytes };
        assert_eq!(digest(&plain), config["rootfs"]["diff_ids"][at].as_str().unwrap());
    }
    assert!(vault.damage_of_view().is_empty());
}

#[test]
fn a_layer_that_is_there_is_not_stored_again_however_the_export_calls_it() {
    let (_folder, vault) = vault();
    let base = layer(1, 200);
    vault.put("sha256:aa", &mut export(&image(&[base.clone(), layer(2, 5)])).as_slice()).unwrap();
    let before = size(&vault);
    assert!(before < base.len() as u64 / 10, "{before}");
    let files = image(&[base.clone(), layer(3, 5)]);
    vault.put("sha256:bb", &mut export(&files).as_slice()).unwrap();
    assert!(size(&vault) - before < 4000, "{} after {before}", size(&vault));
    let old = [("0a/layer.tar".to_owned(), base), ("0a/json".to_owned(), b"{}".to_vec())];
    let before = blob_files(&vault);
    vault.put("sha256:cc", &mut export(&old).as_slice()).unwrap();
    assert_eq!(blob_files(&vault), before + 1);
    assert_eq!(files_of(&content(&vault, "sha256:cc")).0, old);
    keep(&vault, &["sha256:bb"]);
    assert_eq!(files_of(&content(&vault, "sha256:bb")), (files, 1));
}

#[test]
fn an_image_of_the_first_format_is_read_and_shown() {
    let (_folder, vault) = vault();
    let files = image(&[layer(7, 40)]);
    fs::create_dir_all(vault.root().join("images")).unwrap();
    fs::create_dir_all(vault.root().join("blobs/sha256")).unwrap();
    let mut entries = Vec::new();
    for (path, content) in &files {
        let sha256 = digest(content).replace("sha256:", "");
        fs::write(vault.root().join("blobs/sha256").join(&sha256), content).unwrap();
        entries.push(serde_json::json!({
            "path": path, "mode": 0o644, "kind": "file", "sha256": sha256, "size": content.len()}));
    }
    let list = serde_json::json!({"version": 1, "image": "sha256:aa", "entries": entries});
    let list = crate::sealed::seal(&list).unwrap();
    fs::write(vault.root().join("images/sha256-aa.json"), list).unwrap();
    assert!(vault.has("sha256:aa").unwrap());
    vault.check("sha256:aa").unwrap();
    keep(&vault, &["sha256:aa"]);
    assert_eq!(files_of(&content(&vault, "sha256:aa")).0, files);
    let index = json(vault.root().join("index.json"));
    let manifest = described(&vault, &index["manifests"][0]);
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(described(&vault, &manifest["layers"][0]), layer(7, 40));
}

#[test]
fn a_compressed_layer_that_is_not_whole_is_named_and_stored_again() {
    let (_folder, vault) = vault();
    let files = image(&[layer(7, 40)]);
    vault.put("sha256:aa", &mut export(&files).as_slice()).unwrap();
    let packed = vault.layers().unwrap().into_values().next().unwrap();
    let file = vault.root().join("blobs/sha256").join(&packed.sha256);
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for damage in [flipped, whole[..whole.len() - 1].to_vec(), Vec::new()] {
        fs::write(&file, &damage).unwrap();
        let error = vault.check("sha256:aa").unwrap_err().to_string();
        assert!(error.contains(&packed.sha256), "{error}");
        let mut out = Vec::new();
        let read = vault.get("sha256:aa").and_then(|mut stream| stream.read_to_end(&mut out));
        assert!(read.unwrap_err().to_string().contains(&packed.sha256));
        vault.put("sha256:aa", &mut export(&files).as_slice()).unwrap();
        if damage.len() != whole.len() {
            vault.check("sha256:aa").unwrap();
        }
        fs::write(&file, &whole).unwrap();
    }
    vault.check("sha256:aa").unwrap();
}

#[test]
fn what_tools_see_is_made_anew_where_it_is_damaged() {
    let (_folder, vault) = vault();
    vault.put("sha256:aa", &mut export(&image(&[layer(7, 40)])).as_slice()).unwrap();
    keep(&vault, &["sha256:aa"]);
    let manifest = &vault.manifests().unwrap()[0].0;
    for name in ["index.json", "oci-layout", &format!("blobs/sha256/{manifest}")] {
        let file = vault.root().join(name);
        let whole = fs::read(&file).unwrap();
        fs::write(&file, &whole[..whole.len() - 2]).unwrap();
        let found = vault.damage_of_view();
        assert!(found.len() == 1 && found[0].to_string().contains(name), "{name}: {found:?}");
        vault.check("sha256:aa").unwrap();
        keep(&vault, &["sha256:aa"]);
        assert_eq!(fs::read(&file).unwrap(), whole, "{name}");
    }
    keep(&vault, &[]);
    assert!(vault.manifests().unwrap().is_empty());
    assert_eq!(blob_files(&vault), 0);
}
