//! The image store.

use backstay_core::digest::digest;
use backstay_core::engine::{EngineError, EngineErrorKind, EngineResult, ImageDetail};

use super::naming::full;
use super::state::{Content, EngineState, FakeImage};

impl Content {
    /// The id of an image with this content.
    #[must_use]
    pub fn id(&self) -> String {
        digest(format!("{} {} {}", self.name, self.version, self.behaviour).as_bytes())
    }
}

impl EngineState {
    /// The id that a reference or an id stands for.
    #[must_use]
    pub fn image_id(&self, reference: &str) -> Option<String> {
        if self.images.contains_key(reference) {
            return Some(reference.to_owned());
        }
        let name = full(reference);
        let found = self.images.iter().find(|(_, image)| image.tags.contains(&name));
        found.map(|(id, _)| id.clone())
    }

    /// Takes an image in, without a tag.
    pub fn add_image(&mut self, content: Content) -> String {
        let id = content.id();
        self.images.entry(id.clone()).or_insert_with(|| FakeImage { tags: [].into(), content });
        id
    }

    /// Takes a build in, without a tag.
    pub(super) fn add_build(&mut self, content: Content) -> String {
        if !self.attests {
            return self.add_image(content);
        }
        self.serial += 1;
        let id = digest(format!("{} {}", content.id(), self.serial).as_bytes());
        self.images.insert(id.clone(), FakeImage { tags: [].into(), content });
        id
    }

    /// What an image is.
    pub(in crate::fake) fn image_detail(&self, reference: &str) -> Option<ImageDetail> {
        let id = self.image_id(reference)?;
        let content = Some(self.images.get(&id)?.content.id());
        // No image of these names a user.
        Some(ImageDetail {
            digests: self.digests_of(&id),
            id,
            content,
            user: String::new(),
            tagged: None,
            size: 20_000,
            layers: Vec::new(),
        })
    }

    /// Under which digests a registry has an image.
    fn digests_of(&self, id: &str) -> Vec<String> {
        let found = self.registry.iter().filter(|(_, content)| content.id() == id);
        let repositories = found.filter_map(|(reference, _)| reference.rsplit_once(':'));
        repositories.map(|(repository, _)| format!("{repository}@{id}")).collect()
    }

    /// `docker pull` by a digest.
    pub(in crate::fake) fn fetch(&mut self, reference: &str) -> EngineResult<()> {
        let found = self.registry.values().find(|content| reference.ends_with(&content.id()));
        let Some(content) = found.cloned() else {
            let message = format!("manifest for {reference} not found");
            return Err(EngineError::new(EngineErrorKind::Pull, "pulling", message));
        };
        self.add_image(content);
        Ok(())
    }

    /// `docker tag`.
    ///
    /// # Errors
    /// When there is no such image.
    pub fn tag(&mut self, image: &str, reference: &str) -> EngineResult<()> {
        let action = format!("tagging {image} as {reference}");
        let id = self.image_id(image).ok_or_else(|| missing(&action, image))?;
        let name = full(reference);
        for image in self.images.values_mut() {
            image.tags.remove(&name);
        }
        if let Some(image) = self.images.get_mut(&id) {
            image.tags.insert(name);
        }
        Ok(())
    }

    /// `docker rmi` of a reference: an image without any other one goes unless a container needs it.
    pub(in crate::fake) fn untag(&mut self, reference: &str) {
        let name = full(reference);
        let Some(id) = self.image_id(&name) else { return };
        if let Some(image) = self.images.get_mut(&id) {
            image.tags.remove(&name);
        }
        self.forget(&id);
    }

    /// `docker system prune -af` as far as images go.
    pub fn prune_images(&mut self) {
        let used: Vec<String> = self.containers.values().map(|c| c.image.clone()).collect();
        self.images.retain(|id, _| used.contains(id));
    }

    /// What an image holds.
    pub(in crate::fake) fn content(&self, image: &str) -> EngineResult<Content> {
        let found = self.image_id(image).and_then(|id| self.images.get(&id));
        let found = found.map(|image| image.content.clone());
        found.ok_or_else(|| missing(&format!("exporting {image}"), image))
    }

    fn forget(&mut self, id: &str) {
        let unnamed = self.images.get(id).is_some_and(|image| image.tags.is_empty());
        if unnamed && !self.containers.values().any(|container| container.image == id) {
            self.images.remove(id);
        }
    }
}

pub(super) fn missing(action: &str, image: &str) -> EngineError {
    EngineError::new(EngineErrorKind::NotFound, action, format!("no such image: {image}"))
}
